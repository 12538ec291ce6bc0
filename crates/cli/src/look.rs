//! `csrdesk review` and `csrdesk test-connection`: looking, without changing anything on the server.

use std::process::ExitCode;

use desk::commands::review;
use desk::commands::test_connection::{self, Stage, State};
use desk::{Desk, Failure};

use crate::{args, out, token};

pub(crate) async fn review(task: args::Review) -> ExitCode {
    let args::Review { target, fields, json } = task;
    let form = fields.form(&target);
    match reviewed(target, form).await {
        Ok(response) if json => out::json(&response),
        Ok(response) => print_review(&response),
        Err(failure) => return out::failure(&failure, json),
    }
    ExitCode::SUCCESS
}

async fn reviewed(target: args::Target, mut form: domain::SignForm) -> Result<review::Response, Failure> {
    let saved_connection = target.is_saved();
    let desk = Desk::start(target.options(None)).await?;
    if saved_connection {
        form.organization = desk.organization().unwrap_or_default();
    }
    desk.review(review::Request { form }).await
}

fn print_review(response: &review::Response) {
    for caution in &response.cautions {
        out::line(format_args!("! {}", caution.words()));
    }
    out::line(format_args!(
        "The certificate would end on {}, if the server counts from now.",
        response.ends.date_time()
    ));
    out::line("The exact request (nothing was sent):\n");
    out::line(response.http_request.replace("\r\n", "\n"));
    out::line("\nINPUT_DATA, decoded:\n");
    out::line(&response.input_data);
}

pub(crate) async fn test_connection(task: args::TestConnection) -> ExitCode {
    let args::TestConnection { target, json } = task;
    let tested = async {
        let desk =
            Desk::start(target.options(Some(token::from_environment_or_input()).filter(|it| !it.is_empty())))
                .await?;
        desk.test_connection(test_connection::Request {}).await
    };
    let response = match tested.await {
        Ok(response) => response,
        Err(failure) => return out::failure(&failure, json),
    };
    if json {
        out::json(&response);
    } else {
        for step in &response.steps {
            print_step(step);
        }
    }
    let failed = response.steps.iter().any(|it| matches!(it.state, State::Failed { .. }));
    ExitCode::from(if failed { 5 } else { 0 })
}

fn print_step(step: &test_connection::Step) {
    let stage = match step.stage {
        Stage::Trust => "trust",
        Stage::Connect => "connection",
        Stage::Answer => "answer",
        Stage::Token => "token",
    };
    match &step.state {
        State::Passed { detail } => out::line(format_args!("ok      {stage:<11} {detail}")),
        State::Failed { code, detail } => {
            out::line(format_args!("FAILED  {stage:<11} {} {} ({code}: {detail})", code.what(), code.next()));
        }
        State::Skipped => out::line(format_args!("-       {stage:<11} not tried")),
    }
}
