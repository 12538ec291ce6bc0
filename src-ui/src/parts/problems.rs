//! What is wrong with a form: which problems there are, which of them are shown, and the summary that names all.

use domain::{ErrorCode, Field, Problem};
use leptos::prelude::*;

use crate::ui::focus;
use crate::ui::icon::{Glyph, Icon};
use crate::words::sign;

/// The problems of one form.
#[derive(Clone, Copy)]
pub(crate) struct Problems {
    /// Found here, always up to date.
    own: Signal<Vec<Problem>>,
    /// Found by the desk when the form was handed in; gone once their field is touched.
    told: RwSignal<Vec<Problem>>,
    /// Whether the form was handed in.
    handed_in: RwSignal<bool>,
    /// The fields that were left once.
    left: RwSignal<Vec<Field>>,
}

impl Problems {
    /// For a form whose own check is `own`.
    pub(crate) fn new(own: Signal<Vec<Problem>>, handed_in: RwSignal<bool>) -> Self {
        Self { own, told: RwSignal::new(Vec::new()), handed_in, left: RwSignal::new(Vec::new()) }
    }

    /// All of them.
    pub(crate) fn all(self) -> Vec<Problem> {
        let mut all = self.own.get();
        all.extend(
            self.told
                .get()
                .into_iter()
                .filter(|it| !all.iter().any(|own| own.field == it.field))
                .collect::<Vec<_>>(),
        );
        all
    }

    /// What is shown at a field: everything after the form was handed in; before that only what was typed wrongly.
    pub(crate) fn of(self, field: Field) -> Signal<Option<Problem>> {
        Signal::derive(move || {
            let problem = self.all().into_iter().find(|it| it.field == field)?;
            let left = self.left.with(|it| it.contains(&field));
            (self.handed_in.get() || left && !is_missing(problem.code)).then_some(problem)
        })
    }

    /// A field is being changed: what the desk said of it is out of date.
    pub(crate) fn touched(self, field: Field) {
        if self.told.with_untracked(|it| it.iter().any(|problem| problem.field == field)) {
            self.told.update(|it| it.retain(|problem| problem.field != field));
        }
    }

    /// Every field holds something else: what the desk said of them is out of date.
    pub(crate) fn forget_told(self) {
        self.told.set(Vec::new());
    }

    /// A field was left.
    pub(crate) fn left(self) -> Callback<Field> {
        Callback::new(move |field| {
            // The page may be gone by now.
            if self.left.try_with_untracked(|it| !it.contains(&field)) == Some(true) {
                self.left.update(|it| it.push(field));
            }
        })
    }

    /// The form was handed in. Returns whether it may go on; otherwise the summary takes the focus.
    pub(crate) fn hand_in(self) -> bool {
        self.handed_in.set(true);
        self.told.set(Vec::new());
        let sound = self.own.with_untracked(Vec::is_empty);
        if !sound {
            focus::soon(SUMMARY);
        }
        sound
    }

    /// The desk did not accept the form after all.
    pub(crate) fn tell(self, problems: Vec<Problem>) {
        // The page may be gone by now.
        if self.told.try_set(problems).is_none() {
            focus::soon(SUMMARY);
        }
    }
}

const SUMMARY: &str = "#problems";

/// Nothing typed yet is no mistake before the form is handed in.
fn is_missing(code: ErrorCode) -> bool {
    code.as_str().ends_with("-missing")
}

/// The field that a code of a whole command is about, where there is one.
pub(crate) fn field_of(code: ErrorCode) -> Option<Field> {
    let text = code.as_str();
    [("token-", Field::Token), ("ca-file-", Field::CaFile), ("url-", Field::Server)]
        .into_iter()
        .find(|(prefix, _)| text.starts_with(prefix))
        .map(|(_, field)| field)
}

/// Every problem, each a link to its field, in the order in which the form shows its fields.
#[component]
pub(crate) fn ProblemSummary(
    problems: Problems,
    handed_in: Signal<bool>,
    order: &'static [Field],
) -> impl IntoView {
    let sorted = move || {
        let all = problems.all();
        order.iter().filter_map(|field| all.iter().find(|it| it.field == *field).cloned()).collect::<Vec<_>>()
    };
    let link = |problem: Problem| {
        let field = problem.field;
        view! {
            <li>
                <a
                    href=["#", field.id()].concat()
                    on:click=move |event| {
                        event.prevent_default();
                        focus::id(field.id());
                    }
                >
                    {field.label()}
                </a>
                ": "
                {problem.code.what()}
            </li>
        }
    };
    move || {
        let all = if handed_in.get() { sorted() } else { Vec::new() };
        let count = all.len();
        (count > 0).then(|| {
            view! {
                <section
                    id="problems"
                    class="notice notice--bad"
                    tabindex="-1"
                    aria-labelledby="problems-title"
                    data-testid="summary-problems"
                >
                    <Glyph icon=Icon::Warning />
                    <div class="notice-body">
                        <h2 class="notice-title" id="problems-title">
                            {sign::problems_title(count)}
                        </h2>
                        <ul>{all.into_iter().map(link).collect_view()}</ul>
                    </div>
                </section>
            }
        })
    }
}
