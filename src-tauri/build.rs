//! Embeds `tauri.conf.json`, the capabilities and the icons into the program.

fn main() {
    tauri_build::build();
}
