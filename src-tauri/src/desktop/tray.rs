//! The icon in the tray: the worst alert of the ward by its shape and by its colour, whatever window lies over ours.

use ksni::menu::StandardItem;
use ksni::{Category, Icon, MenuItem, OfflineReason, Status, ToolTip, TrayMethods};
use model::Priority;
use tauri::WebviewWindow;
use tokio::sync::watch;

/// Pixels of the icon, each way: what trays ask for on a dense screen.
const SIDE: u8 = 48;

/// The ward in one glance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Alerts that are not over.
    pub alerts: usize,
    /// The most urgent of them.
    pub worst: Option<Priority>,
    /// The most urgent that sounds.
    pub sounding: Option<Priority>,
}

/// Shows the icon where there is a tray, for as long as the program runs.
pub async fn keep(window: WebviewWindow, mut seen: watch::Receiver<Shown>) {
    let tray = Tray {
        shown: *seen.borrow_and_update(),
        window,
    };
    // A tray that starts after us takes the icon then; one that never does is no trouble.
    let handle = match tray.assume_sni_available(true).spawn().await {
        Ok(handle) => handle,
        Err(error) => {
            tracing::info!(%error, "this desktop has no tray");
            return;
        }
    };
    while seen.changed().await.is_ok() {
        let shown = *seen.borrow_and_update();
        if handle.update(|tray| tray.shown = shown).await.is_none() {
            return;
        }
    }
}

struct Tray {
    shown: Shown,
    window: WebviewWindow,
}

impl ksni::Tray for Tray {
    fn id(&self) -> String {
        "org.wardlight.desktop".to_owned()
    }

    fn category(&self) -> Category {
        Category::ApplicationStatus
    }

    fn title(&self) -> String {
        words(self.shown)
    }

    fn status(&self) -> Status {
        if self.shown.sounding.is_some() {
            Status::NeedsAttention
        } else {
            Status::Active
        }
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        vec![icon(self.shown.worst)]
    }

    fn attention_icon_pixmap(&self) -> Vec<Icon> {
        self.icon_pixmap()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip {
            title: words(self.shown),
            ..ToolTip::default()
        }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        super::show(&self.window);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let show = StandardItem {
            label: "Show Wardlight".to_owned(),
            activate: Box::new(|tray: &mut Self| super::show(&tray.window)),
            ..StandardItem::default()
        };
        vec![show.into()]
    }

    fn watcher_offline(&self, _reason: OfflineReason) -> bool {
        // Keep the icon for a tray that comes back.
        true
    }
}

fn words(shown: Shown) -> String {
    let Some(worst) = shown.worst else {
        return "Wardlight: no alerts".to_owned();
    };
    let plural = if shown.alerts == 1 { "alert" } else { "alerts" };
    format!("Wardlight: {} {plural}, the worst {}", shown.alerts, worst.as_str())
}

/// High: a full red triangle. Medium: a yellow square on its corner. Low: a cyan bar. None: a green ring. Each is told
/// from the others without its colour.
fn icon(worst: Option<Priority>) -> Icon {
    let colour: [u8; 3] = match worst {
        Some(Priority::High) => [0xff, 0x3b, 0x30],
        Some(Priority::Medium) => [0xff, 0xd6, 0x0a],
        Some(Priority::Low) => [0x40, 0xd0, 0xe8],
        None => [0x34, 0xc7, 0x59],
    };
    let middle = f32::from(SIDE - 1) / 2.0;
    let reach = middle - 1.0;
    let is_inside = |x: f32, y: f32| match worst {
        Some(Priority::High) => 2.0 * x.abs() <= y + reach && y <= reach,
        Some(Priority::Medium) => x.abs() + y.abs() <= reach,
        Some(Priority::Low) => y.abs() <= 0.3 * reach && x.abs() <= reach,
        None => (0.55 * reach..=0.8 * reach).contains(&x.hypot(y)),
    };
    let mut data = Vec::with_capacity(usize::from(SIDE) * usize::from(SIDE) * 4);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let [red, green, blue] = colour;
            let alpha = if is_inside(f32::from(x) - middle, f32::from(y) - middle) {
                0xff
            } else {
                0
            };
            data.extend([alpha, red, green, blue]);
        }
    }
    Icon {
        width: i32::from(SIDE),
        height: i32::from(SIDE),
        data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_of_the_ward_has_a_shape_and_a_colour_of_its_own() {
        let states = [None, Some(Priority::Low), Some(Priority::Medium), Some(Priority::High)];
        let icons: Vec<Icon> = states.map(icon).into();
        for (i, one) in icons.iter().enumerate() {
            assert_eq!(one.data.len(), 48 * 48 * 4);
            for other in &icons[i + 1..] {
                let differing = one
                    .data
                    .chunks(4)
                    .zip(other.data.chunks(4))
                    .filter(|(a, b)| a[0] != b[0])
                    .count();
                assert!(differing > 200, "only {differing} pixels tell the shapes apart");
                assert_ne!(one.data[1..4], other.data[1..4]);
            }
        }
    }

    #[test]
    fn the_words_count() {
        assert_eq!(words(Shown::default()), "Wardlight: no alerts");
        let one = Shown {
            alerts: 1,
            worst: Some(Priority::High),
            sounding: None,
        };
        assert_eq!(words(one), "Wardlight: 1 alert, the worst high");
    }
}
