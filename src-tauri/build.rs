//! Tells Tauri which commands exist, so that a window may call only those its capabilities list.

fn main() {
    let names: Vec<&'static str> = desk::COMMANDS.iter().map(|it| it.name).collect();
    let manifest = tauri_build::AppManifest::new().commands(Vec::leak(names));
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        println!("cargo::error={error:#}");
    }
}
