//! Who signs: the sign type, and the issuer's name and serial number.

use domain::{Field, SerialNumber, SignType};
use leptos::prelude::*;

use super::form::bind;
use crate::parts::problems::Problems;
use crate::state::DeskState;
use crate::ui::choice::ChoiceCard;
use crate::ui::field::{FieldMeaning, FieldProblem, Kind, TextField, part_id};
use crate::ui::notice::{Notice, Tone};
use crate::words::sign;

/// The group.
#[component]
pub(super) fn IssuerGroup(problems: Problems) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let chosen = Memo::new(move |_| state.sign_form.with(|form| SignType::parse(&form.sign_type).ok()));
    let microsoft = Signal::derive(move || chosen.get() == Some(SignType::Msca));
    let (name, set_name) = bind(state, problems, Field::RootCommonName, |form| &mut form.root_common_name);
    let (serial, set_serial) =
        bind(state, problems, Field::RootSerialNumber, |form| &mut form.root_serial_number);
    // One of them alone is a problem, so then the other is not optional.
    let optional = Signal::derive(move || {
        let empty = |text: &Signal<String>| text.with(|it| it.trim().is_empty());
        microsoft.get() && empty(&name) && empty(&serial)
    });
    view! {
        <section class="card" aria-labelledby="group-issuer">
            <h2 id="group-issuer">{sign::GROUP_ISSUER}</h2>
            <SignTypeChoice chosen problems />
            {move || microsoft.get().then(|| view! { <MicrosoftNotice /> })}
            <div class="fields">
                <TextField
                    field=Field::RootCommonName
                    value=name
                    on_input=set_name
                    on_blur=problems.left()
                    problem=problems.of(Field::RootCommonName)
                    optional
                />
                <TextField
                    field=Field::RootSerialNumber
                    value=serial
                    on_input=set_serial
                    on_blur=problems.left()
                    problem=problems.of(Field::RootSerialNumber)
                    optional
                    kind=Kind::Code
                >
                    <SerialReadAs serial />
                </TextField>
            </div>
        </section>
    }
}

#[component]
fn SignTypeChoice(chosen: Memo<Option<SignType>>, problems: Problems) -> impl IntoView {
    let state = expect_context::<DeskState>();
    let field = Field::SignType;
    let card = move |it: SignType| {
        let (title, text) = sign::sign_type(it);
        let choose = Callback::new(move |()| {
            problems.touched(field);
            // The issuer's problems depend on the sign type too.
            problems.touched(Field::RootCommonName);
            problems.touched(Field::RootSerialNumber);
            state.sign_form.update(|form| form.sign_type = it.as_str().to_owned());
        });
        view! {
            <ChoiceCard
                group=field.id()
                id=part_id(field, it.as_str())
                title
                wire=Some(it.as_str())
                text
                chosen=Signal::derive(move || chosen.get() == Some(it))
                on_choose=choose
            />
        }
    };
    view! {
        <fieldset class="field--alone" id=field.id() tabindex="-1" aria-describedby=part_id(field, "meaning")>
            <legend class="field-head">
                <span class="label">{field.label()}</span>
                {field.wire_name().map(|wire| view! { <code class="wire">{wire}</code> })}
            </legend>
            <FieldMeaning field />
            <div class="choices">{SignType::ALL.iter().copied().map(card).collect_view()}</div>
            <FieldProblem field problem=problems.of(field) />
        </fieldset>
    }
}

/// What the vendor's page says of a Microsoft CA, and what it leaves open.
#[component]
fn MicrosoftNotice() -> impl IntoView {
    let list = |items: &'static [&'static str]| {
        view! { <ul>{items.iter().map(|it| view! { <li>{*it}</li> }).collect_view()}</ul> }
    };
    view! {
        <Notice tone=Tone::Info title=sign::MSCA_TITLE test_id="msca-notice">
            <p class="notice-subtitle">{sign::MSCA_SAYS_HEAD}</p>
            {list(&sign::MSCA_SAYS)}
            <p class="notice-subtitle">{sign::MSCA_SILENT_HEAD}</p>
            {list(&sign::MSCA_SILENT)}
        </Notice>
    }
}

/// The serial number as it is understood, in the spelling that is sent and in the one that browsers show.
#[component]
fn SerialReadAs(serial: Signal<String>) -> impl IntoView {
    move || {
        SerialNumber::parse(&serial.get()).ok().map(|it| {
            view! {
                {sign::SERIAL_READ_AS}
                " "
                <code>{it.hex().to_owned()}</code>
                <span class="dot" aria-hidden="true">
                    " · "
                </span>
                <code>{it.colons()}</code>
            }
        })
    }
}
