//! QR codes as SVG.

use qrcode::{EcLevel, QrCode, render::svg};

/// `text` as a QR code, a whole SVG document; `None` where it is too long for one (about 2,900 bytes).
///
/// Always dark on light with its quiet zone, whatever the page's colours: scanners need it.
pub fn svg(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .or_else(|_| QrCode::with_error_correction_level(text, EcLevel::L))
        .ok()?;
    Some(
        code.render()
            .min_dimensions(240, 240)
            .dark_color(svg::Color("#1B1A17"))
            .light_color(svg::Color("#FFFFFF"))
            .build(),
    )
}
