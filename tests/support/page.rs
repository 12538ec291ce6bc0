//! The page as a person uses it: fields by their ids, screens and buttons by their test ids.

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use serde_json::Value;

use crate::wait;

/// A page in a browser or in the window.
pub struct Page<'a> {
    /// The WebDriver session.
    pub client: &'a Client,
}

impl Page<'_> {
    /// Waits until the page has drawn itself.
    pub async fn is_ready(&self) {
        self.shown("body[data-ready='true']").await;
    }

    /// Whether a selector finds an element now.
    pub async fn has(&self, selector: &str) -> bool {
        self.client.find(Locator::Css(selector)).await.is_ok()
    }

    /// Whether a part is there now, in sight or not.
    pub async fn has_part(&self, id: &str) -> bool {
        self.has(&format!("[data-testid='{id}']")).await
    }

    /// Waits until a selector finds nothing.
    pub async fn gone(&self, selector: &str) {
        wait::until("it is gone", async || (!self.has(selector).await).then_some(())).await;
    }

    /// The element that a selector finds, once it is there and visible.
    pub async fn shown(&self, selector: &str) -> Element {
        wait::until(selector, async || {
            let element = self.client.find(Locator::Css(selector)).await.ok()?;
            element.is_displayed().await.ok()?.then_some(element)
        })
        .await
    }

    /// The element with a test id.
    pub async fn part(&self, id: &str) -> Element {
        self.shown(&format!("[data-testid='{id}']")).await
    }

    /// The text of a part.
    ///
    /// # Panics
    /// When it cannot be read.
    pub async fn text(&self, id: &str) -> String {
        self.part(id).await.text().await.expect("text")
    }

    /// Clicks what a selector finds.
    pub async fn click(&self, selector: &str) {
        let mut obstacle = String::new();
        let clicked = wait::tried(async || {
            match self.client.find(Locator::Css(selector)).await {
                Ok(element) => match element.click().await {
                    Ok(()) => return Some(()),
                    Err(error) => {
                        obstacle = error.to_string();
                        // The driver takes what lies under the sticky header for visible; a person scrolls.
                        let centre =
                            "document.querySelector(arguments[0])?.scrollIntoView({ block: 'center' })";
                        let _ = self.client.execute(centre, vec![selector.into()]).await;
                    }
                },
                Err(error) => obstacle = error.to_string(),
            }
            None
        })
        .await;
        assert!(clicked.is_some(), "{selector} cannot be clicked: {obstacle}");
    }

    /// Clicks a part.
    pub async fn press(&self, id: &str) {
        self.click(&format!("[data-testid='{id}']")).await;
    }

    /// Clicks the button with these words.
    pub async fn press_button(&self, words: &str) {
        self.click_found(Locator::XPath(&format!("//button[normalize-space()='{words}']")), words).await;
    }

    /// Follows the link with these words.
    pub async fn follow(&self, words: &str) {
        self.click_found(Locator::XPath(&format!("//a[normalize-space()='{words}']")), words).await;
    }

    async fn click_found(&self, locator: Locator<'_>, words: &str) {
        wait::until(words, async || self.client.find(locator).await.ok()?.click().await.ok()).await;
    }

    /// What a field with this label holds now.
    pub async fn field(&self, label: &str) -> String {
        let source = "
            const label = [...document.querySelectorAll('label')]
                .find(it => it.textContent.trim() === arguments[0]);
            return label ? label.control.value : null;";
        wait::until(label, async || {
            let value = self.client.execute(source, vec![label.into()]).await.ok()?;
            value.as_str().map(str::to_owned)
        })
        .await
    }

    /// What the field with this id holds now; empty when it holds nothing.
    ///
    /// # Panics
    /// When it cannot be read.
    pub async fn value(&self, id: &str) -> String {
        let field = self.shown(&format!("#{id}")).await;
        field.prop("value").await.expect("read").unwrap_or_default()
    }

    /// Whether the box or choice with this id is checked.
    pub async fn is_checked(&self, id: &str) -> bool {
        self.script(&format!("return document.getElementById('{id}').checked")).await == Value::Bool(true)
    }

    /// The test id of what has the focus, or else its id; empty when nothing of that kind has it.
    pub async fn focused(&self) -> String {
        let source = "return document.activeElement.dataset.testid || document.activeElement.id";
        self.script(source).await.as_str().unwrap_or_default().to_owned()
    }

    /// Brings the window to the front, as far as the page can tell.
    pub async fn look_again(&self) {
        self.script("window.dispatchEvent(new Event('focus'))").await;
    }

    /// The address behind the `#`, as it is now.
    pub async fn address(&self) -> String {
        self.script("return window.location.hash").await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the element with this id has the focus.
    pub async fn has_focus(&self, id: &str) {
        let source = format!("return document.activeElement?.id === '{id}'");
        wait::until(id, async || (self.script(&source).await == Value::Bool(true)).then_some(())).await;
    }

    /// Replaces the content of a field, by its id.
    ///
    /// # Panics
    /// When it cannot be typed into.
    pub async fn fill(&self, id: &str, text: &str) {
        let field = self.shown(&format!("#{id}")).await;
        // Select all and type over it, as a person does; WebKit's own "clear" refuses fields that it would let be typed in.
        let (control, none) = (Key::Control, Key::Null);
        field.send_keys(&format!("{control}a{none}{}", Key::Backspace)).await.expect("cleared");
        field.send_keys(text).await.expect("typed");
    }

    /// Goes to a screen by its hash route.
    ///
    /// # Panics
    /// When the page cannot be scripted.
    pub async fn go(&self, route: &str, screen: &str) {
        let script = format!("window.location.hash = '{route}'");
        self.client.execute(&script, Vec::new()).await.expect("scripted");
        self.part(screen).await;
    }

    /// Waits for the end of a signing and names its outcome.
    ///
    /// # Panics
    /// When the result says none.
    pub async fn outcome(&self) -> String {
        self.part("outcome").await.attr("data-outcome").await.expect("read").expect("an outcome")
    }

    /// Runs a script and gives its value.
    ///
    /// # Panics
    /// When it fails.
    pub async fn script(&self, source: &str) -> Value {
        self.client.execute(source, Vec::new()).await.expect("the script runs")
    }

    /// Calls a command as the page does, and gives the answer's text.
    ///
    /// # Panics
    /// When the call cannot be made.
    pub async fn call(&self, command: &str, request: &str) -> String {
        let source = "
            const [command, request, done] = arguments;
            const headers = { 'content-type': 'application/json', 'x-csrdesk': localStorage.getItem('csrdesk-key') };
            fetch('/api/' + command, { method: 'POST', headers, body: request })
                .then(answer => answer.text()).then(done, error => done(String(error)));";
        let arguments = vec![command.into(), request.into()];
        let answer = self.client.execute_async(source, arguments).await.expect("called");
        answer.as_str().expect("text").to_owned()
    }

    /// Keeps a copy of everything the page is sent from now on.
    pub async fn record_traffic(&self) {
        self.script(
            "window.seenByPage = [];
             const real = window.fetch;
             window.fetch = async (...call) => {
                 const answer = await real(...call);
                 answer.clone().text().then(text => window.seenByPage.push(text), () => {});
                 return answer;
             };",
        )
        .await;
    }

    /// Everything that a script on this page could read: the document, globals, storage, cookies, addresses, traffic.
    ///
    /// # Panics
    /// When the page cannot be scripted.
    pub async fn everything(&self) -> String {
        let source = "
            const found = [document.documentElement.outerHTML, document.cookie, location.href];
            document.querySelectorAll('input, textarea, select').forEach(it => found.push(it.value));
            for (const storage of [localStorage, sessionStorage])
                for (const key of Object.keys(storage)) found.push(key, storage.getItem(key));
            performance.getEntries().forEach(it => found.push(it.name));
            found.push(...(window.seenByPage || []));
            const visited = new Set();
            const visit = (value, depth) => {
                if (typeof value === 'string') { found.push(value); return; }
                if (value === null || typeof value !== 'object' || depth > 4 || visited.has(value)) return;
                if (value instanceof Node || value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return;
                visited.add(value);
                for (const key of Object.getOwnPropertyNames(value)) {
                    try { visit(value[key], depth + 1); } catch (_) {}
                }
            };
            visit(window, 0);
            return found.join('\\n');";
        self.script(source).await.as_str().expect("text").to_owned()
    }
}
