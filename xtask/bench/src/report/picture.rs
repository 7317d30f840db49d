//! A drawing becomes a picture, with a font that is brought along: none of the system is assumed.

use std::sync::{Arc, LazyLock};

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree, fontdb::Database},
};

/// Pixels for each unit of the drawing: sharp on a dense screen, too.
const SCALE: f32 = 2.0;

static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    for font in typst_assets::fonts() {
        fonts.load_font_data(font.to_vec());
    }
    Arc::new(fonts)
});

/// A drawing in SVG as PNG.
pub(super) fn render(drawing: &str) -> Result<Vec<u8>, String> {
    let options = Options { fontdb: Arc::clone(&FONTS), ..Options::default() };
    let tree = Tree::from_str(drawing, &options).map_err(|error| error.to_string())?;
    let size = tree.size().to_int_size().scale_by(SCALE).ok_or("a drawing without a size")?;
    let mut picture = Pixmap::new(size.width(), size.height()).ok_or("a drawing without a size")?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut picture.as_mut());
    picture.encode_png().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::{super::chart::FONT, *};

    fn dark(drawing: &str) -> usize {
        let png = render(drawing).unwrap();
        let picture = Pixmap::decode_png(&png).unwrap();
        picture.pixels().iter().filter(|pixel| pixel.alpha() > 128).count()
    }

    #[test]
    fn text_is_drawn_whatever_fonts_the_system_has() {
        let text = |text: &str| {
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 200 40\" \
                 font-family=\"{FONT}\" font-size=\"13\"><text x=\"4\" y=\"24\">{text}</text></svg>"
            )
        };
        assert_eq!(dark(&text("")), 0);
        let few = dark(&text("1"));
        assert!(few > 0);
        assert!(dark(&text("1.08 µs [0.9–1.2]")) > 5 * few);
    }

    #[test]
    fn what_is_no_drawing_is_refused() {
        assert!(render("no drawing").is_err());
    }
}
