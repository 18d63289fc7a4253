//! The real window, as a person has it: looks for things by their name on the screen, reads them, presses keys.

use std::path::Path;
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::Trouble;
use crate::driver::Driver;

/// How often a test looks again at what it waits for.
const LOOK_PERIOD: Duration = Duration::from_millis(50);

/// The program with its window open.
pub struct Window {
    client: Client,
    driver: Driver,
}

impl Window {
    /// Opens the window; `arguments` go to the program. Files of the program and of WebKit go to `folder`.
    pub async fn open(folder: &Path, arguments: &[&str]) -> Result<Self, Trouble> {
        let driver = Driver::start(folder, arguments)?;
        let binary = driver.launcher().to_string_lossy().into_owned();
        let capabilities = [(
            "webkitgtk:browserOptions".to_owned(),
            json!({"binary": binary, "args": []}),
        )];
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities.into_iter().collect());
        let begun = Instant::now();
        loop {
            match builder.connect(&driver.url()).await {
                Ok(client) => return Ok(Self { client, driver }),
                // The driver needs a moment before it listens.
                Err(fantoccini::error::NewSessionError::Failed(_) | fantoccini::error::NewSessionError::Lost(_))
                    if begun.elapsed() < Duration::from_secs(10) =>
                {
                    tokio::time::sleep(LOOK_PERIOD).await;
                }
                Err(error) => {
                    let log = std::fs::read_to_string(folder.join("program.log")).unwrap_or_default();
                    return Err(format!("the window did not open: {error}; the program said: {log}").into());
                }
            }
        }
    }

    /// The process id of the program.
    pub fn program_id(&self) -> Result<u32, Trouble> {
        self.driver.program_id()
    }

    /// The text of the thing called so (`data-testid`), if it is on the screen.
    pub async fn text(&self, name: &str) -> Result<Option<String>, Trouble> {
        let script = "const e = document.querySelector(`[data-testid='${arguments[0]}']`); return e && e.innerText;";
        Ok(self
            .execute(script, vec![json!(name)])
            .await?
            .as_str()
            .map(str::to_owned))
    }

    /// An attribute of the thing called so.
    pub async fn attribute(&self, name: &str, attribute: &str) -> Result<Option<String>, Trouble> {
        let script = "const e = document.querySelector(`[data-testid='${arguments[0]}']`); return e && e.getAttribute(arguments[1]);";
        Ok(self
            .execute(script, vec![json!(name), json!(attribute)])
            .await?
            .as_str()
            .map(str::to_owned))
    }

    /// The names of all things whose name begins so, in the order of the page.
    pub async fn names(&self, beginning: &str) -> Result<Vec<String>, Trouble> {
        let script =
            "return [...document.querySelectorAll(`[data-testid^='${arguments[0]}']`)].map(e => e.dataset.testid);";
        let list = self.execute(script, vec![json!(beginning)]).await?;
        Ok(list
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect())
    }

    /// Waits until the text of the thing called so satisfies `wanted`; the text that did. An error says what was there last.
    pub async fn wait_text(
        &self,
        name: &str,
        within: Duration,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<String, Trouble> {
        let begun = Instant::now();
        loop {
            // A page that reloads answers with an error for a moment.
            let seen = self.text(name).await;
            if let Ok(Some(text)) = &seen
                && wanted(text)
            {
                return Ok(text.clone());
            }
            if begun.elapsed() > within {
                return Err(format!("`{name}` was not as wanted within {within:?}; last: {seen:?}").into());
            }
            tokio::time::sleep(LOOK_PERIOD).await;
        }
    }

    /// Waits until `wanted` holds of the names that begin so.
    pub async fn wait_names(
        &self,
        beginning: &str,
        within: Duration,
        wanted: impl Fn(&[String]) -> bool,
    ) -> Result<Vec<String>, Trouble> {
        let begun = Instant::now();
        loop {
            let seen = self.names(beginning).await;
            if let Ok(names) = &seen
                && wanted(names)
            {
                return Ok(names.clone());
            }
            if begun.elapsed() > within {
                return Err(format!(
                    "things called `{beginning}…` were not as wanted within {within:?}; last: {seen:?}"
                )
                .into());
            }
            tokio::time::sleep(LOOK_PERIOD).await;
        }
    }

    /// Presses one key with nothing in particular under it: `"k"`, or a key of `WebDriver`'s private area such as Enter.
    pub async fn press(&self, key: char) -> Result<(), Trouble> {
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        Ok(self.client.perform_actions(keys).await?)
    }

    /// Types a text where the focus is.
    pub async fn write(&self, text: &str) -> Result<(), Trouble> {
        for key in text.chars() {
            self.press(key).await?;
        }
        Ok(())
    }

    /// Clicks the thing called so.
    pub async fn click(&self, name: &str) -> Result<(), Trouble> {
        self.find(name).await?.click().await?;
        Ok(())
    }

    /// Empties a field and writes into it.
    pub async fn fill(&self, name: &str, text: &str) -> Result<(), Trouble> {
        let field = self.find(name).await?;
        field.clear().await?;
        field.send_keys(text).await?;
        Ok(())
    }

    /// A picture of the page, PNG.
    pub async fn picture(&self) -> Result<Vec<u8>, Trouble> {
        Ok(self.client.screenshot().await?)
    }

    /// Sets the size of the window, in pixels.
    pub async fn resize(&self, width: u32, height: u32) -> Result<(), Trouble> {
        Ok(self.client.set_window_rect(0, 0, width, height).await?)
    }

    /// Runs a script in the page.
    pub async fn execute(&self, script: &str, arguments: Vec<Value>) -> Result<Value, Trouble> {
        Ok(self.client.execute(script, arguments).await?)
    }

    /// The pointer comes to a place inside the thing called so, in parts of its width and height.
    pub async fn point(&self, name: &str, x: f64, y: f64) -> Result<(), Trouble> {
        self.at_place(name, "pointermove", (x, y), 0.0).await
    }

    /// Turns the wheel there: towards the person is positive, in pixels.
    pub async fn wheel(&self, name: &str, x: f64, y: f64, by: f64) -> Result<(), Trouble> {
        self.at_place(name, "wheel", (x, y), by).await
    }

    async fn at_place(&self, name: &str, kind: &str, (x, y): (f64, f64), by: f64) -> Result<(), Trouble> {
        let script = "const [name, kind, x, y, deltaY] = arguments; \
            const e = document.querySelector(`[data-testid='${name}']`); if (!e) return false; \
            const r = e.getBoundingClientRect(); \
            const about = { clientX: r.left + x * r.width, clientY: r.top + y * r.height, deltaY, bubbles: true, cancelable: true }; \
            e.dispatchEvent(kind === 'wheel' ? new WheelEvent(kind, about) : new PointerEvent(kind, about)); return true;";
        let arguments = vec![json!(name), json!(kind), json!(x), json!(y), json!(by)];
        if self.execute(script, arguments).await? == Value::Bool(true) {
            Ok(())
        } else {
            Err(format!("there is nothing called `{name}`").into())
        }
    }

    /// Closes the window in an orderly way.
    pub async fn close(self) -> Result<(), Trouble> {
        Ok(self.client.close().await?)
    }

    async fn find(&self, name: &str) -> Result<fantoccini::elements::Element, Trouble> {
        let css = format!("[data-testid='{name}']");
        Ok(self
            .client
            .wait()
            .at_most(Duration::from_secs(5))
            .for_element(Locator::Css(&css))
            .await?)
    }
}
