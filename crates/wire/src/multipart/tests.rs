//! Forms are found in any bytes in the same way, or in none.

use proptest::prelude::*;

use super::*;

const TYPE: &str = "multipart/form-data; boundary=x-1";

fn scan(body: &[u8], cut: usize) -> Result<Vec<Part>, FormError> {
    let mut scanner = Scanner::new(Boundary::of(TYPE)?);
    body.chunks(cut.max(1)).try_for_each(|piece| scanner.push(piece))?;
    scanner.end().map(<[_]>::to_vec)
}

fn part(head: &str, value: &str) -> Vec<u8> {
    format!("--x-1\r\n{head}\r\n\r\n{value}\r\n--x-1--\r\n").into_bytes()
}

fn field(disposition: &str) -> Result<(String, bool), FormError> {
    let parts = scan(&part(&format!("content-disposition: {disposition}"), "v"), usize::MAX)?;
    Ok((parts[0].name.clone(), parts[0].is_file))
}

/// As openai-node writes it: the file before the model.
const FORM: &str = "--x-1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a b.wav\"\r\n\
    Content-Type: audio/wav\r\n\r\nRIFF\r\n--x-2\r\n--\r\n\r\n--x-1\r\n\
    Content-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--x-1\r\n\
    content-disposition:form-data;name=prompt\r\n\r\n\r\n--x-1--\r\n";

#[test]
fn a_part_is_its_field_and_where_its_value_lies() {
    let parts = scan(FORM.as_bytes(), usize::MAX).unwrap();
    let told: Vec<_> = parts
        .iter()
        .map(|part| {
            let place = usize::try_from(part.place.start).unwrap();
            let end = usize::try_from(part.place.end).unwrap();
            (part.name.as_str(), part.is_file, &FORM[place..end])
        })
        .collect();
    let file = ("file", true, "RIFF\r\n--x-2\r\n--\r\n");
    assert_eq!(told, [file, ("model", false, "whisper-1"), ("prompt", false, "")]);
    assert_eq!(parts[0].value, b"", "a file is not kept");
    assert_eq!(parts[1].value, b"whisper-1");
}

#[test]
fn any_cut_gives_the_same_parts() {
    let whole = scan(FORM.as_bytes(), usize::MAX).unwrap();
    for cut in 1..FORM.len() {
        assert_eq!(scan(FORM.as_bytes(), cut).unwrap(), whole, "in pieces of {cut}");
    }
}

#[test]
fn a_form_that_is_cut_off_anywhere_is_not_whole() {
    let end = FORM.len() - 2;
    for length in 0..end {
        assert_eq!(scan(&FORM.as_bytes()[..length], 16), Err(FormError::Cut), "{length}");
    }
    assert!(scan(&FORM.as_bytes()[..end], 16).is_ok(), "the last line needs no end");
}

#[test]
fn a_boundary_is_found_however_the_content_type_is_written() {
    for own in [
        "multipart/form-data; boundary=x-1",
        "Multipart/Form-Data;boundary=\"x-1\"",
        "multipart/form-data; charset=utf-8; Boundary = x-1 ",
    ] {
        assert_eq!(Boundary::of(own).unwrap().dashed(), b"--x-1", "{own}");
    }
    for other in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"x\"; boundary=\"y\"",
        "multipart/form-data; boundary=\"x",
        "multipart/form-data; boundary=x\u{fc}",
        "multipart/mixed; boundary=x",
        "application/json",
        "",
    ] {
        assert_eq!(Boundary::of(other).unwrap_err(), FormError::ContentType, "{other}");
    }
    let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
    assert!(Boundary::of(&long).is_err());
}

#[test]
fn a_field_is_named_in_every_form_in_use() {
    for (disposition, name, is_file) in [
        (r#"form-data; name="model""#, "model", false),
        ("form-data; name=model", "model", false),
        (r#"FORM-DATA; NAME="image[]"; FileName="a;b.png""#, "image[]", true),
        (r#"form-data; name="file"; filename="C:\a\b.wav""#, "file", true),
        (r#"form-data; name="file"; filename="a\"b.wav""#, "file", true),
        (r#"form-data; name="file"; filename*=UTF-8''%c3%bc.wav"#, "file", true),
        (r#"form-data; name="file"; filename="""#, "file", true),
    ] {
        assert_eq!(field(disposition).unwrap(), (name.to_owned(), is_file), "{disposition}");
    }
}

#[test]
fn a_head_that_can_be_read_in_two_ways_is_refused() {
    for disposition in [
        r#"form-data; name="model"; name="prompt""#,
        "form-data; name*=UTF-8''model",
        r#"form-data; name="mo\del""#,
        r#"form-data; name="file"; filename="x\"; name="model""#,
        r#"form-data; name="model" x"#,
        r#"form-data; name="model"#,
        "form-data",
        r#"attachment; name="model""#,
    ] {
        let refused = field(disposition);
        assert!(matches!(refused, Err(FormError::Head(1, _))), "{disposition}: {refused:?}");
    }
    let own = "content-disposition: form-data; name=\"a\"";
    for head in [
        String::new(),
        "content-type: text/plain".to_owned(),
        format!("{own}\r\n{own}"),
        format!("{own}\r\n folded: line"),
        format!("{own}\r\nno header"),
        format!("{own}\r\nx: 1\ny: 2"),
        format!("{own}\r\ncontent-transfer-encoding: base64"),
        format!("{own}\r\ncontent-type: text/plain; charset=utf-16"),
        format!("{own}\r\nx: {}", "y".repeat(9_000)),
    ] {
        let refused = scan(&part(&head, "v"), 64);
        assert!(matches!(refused, Err(FormError::Head(1, _) | FormError::Cut)), "{head}");
    }
    for harmless in ["content-transfer-encoding: 8bit", "content-type: text/plain; charset=UTF-8"] {
        assert!(scan(&part(&format!("{own}\r\n{harmless}"), "v"), 64).is_ok(), "{harmless}");
    }
}

#[test]
fn a_boundary_that_is_not_a_line_of_its_own_is_refused() {
    let own = "content-disposition: form-data; name=\"a\"";
    for value in ["v\n--x-1\r\n", "v\r--x-1", "\n--x-1", "--x-1", "v\r\n--x-1 \r\n", "v\r\n--x-12"]
    {
        for cut in [1, 2, 3, usize::MAX] {
            let refused = scan(&part(own, value), cut);
            assert!(matches!(refused, Err(FormError::Boundary(_))), "{value:?}: {refused:?}");
        }
    }
    let within = scan(&part(own, "v --x-1 v\r\n-x-1"), 3).unwrap();
    assert_eq!(within[0].value, b"v --x-1 v\r\n-x-1");
}

#[test]
fn nothing_stands_before_the_first_boundary_or_behind_the_last() {
    let form = FORM.as_bytes();
    assert!(scan(&[b"\r\n", form].concat(), 1).is_ok());
    assert!(scan(&[form, b"\r\n \r\n"].concat(), 1).is_ok());
    for before in ["preamble\r\n", "\n", "\r\n\r\n", "-"] {
        let refused = scan(&[before.as_bytes(), form].concat(), 1);
        assert_eq!(refused, Err(FormError::Beginning), "{before:?}");
    }
    assert_eq!(scan(&[form, form].concat(), 5), Err(FormError::Behind));
    assert_eq!(scan(b"{}", 1), Err(FormError::Beginning));
    assert_eq!(scan(b"", 1), Err(FormError::Cut));
}

#[test]
fn parts_and_texts_have_an_end_and_files_have_none_here() {
    let one = |name: &str, file: &str, value: &str| {
        format!("--x-1\r\ncontent-disposition: form-data; name={name}{file}\r\n\r\n{value}\r\n")
    };
    let many = one("a", "", "v").repeat(300) + "--x-1--";
    assert!(matches!(scan(many.as_bytes(), 999), Err(FormError::TooMuch(_))));
    let long = "v".repeat(2 << 20);
    let text = one("a", "", &long) + "--x-1--";
    assert!(matches!(scan(text.as_bytes(), 999), Err(FormError::TooMuch(_))));
    let file = one("a", "; filename=f", &long) + "--x-1--";
    assert_eq!(scan(file.as_bytes(), 999).unwrap()[0].place.end, file.len() as u64 - 9);
}

/// What a form may be made of: mostly what looks like a part of its frame.
fn crumbs() -> impl Strategy<Value = Vec<u8>> {
    let crumb = prop_oneof![
        Just("\r\n--x-1".to_owned()),
        Just("--x-1".to_owned()),
        Just("\r\n".to_owned()),
        Just("\r".to_owned()),
        Just("\n".to_owned()),
        Just("--".to_owned()),
        Just("content-disposition: form-data; name=\"model\"\r\n\r\n".to_owned()),
        Just("content-disposition: form-data; name=f; filename=\"\"\r\n\r\n".to_owned()),
        "[a-z\\-\r\n;=\"]{0,6}",
    ];
    let begin = Just("--x-1\r\ncontent-disposition: form-data; name=a\r\n\r\n".to_owned());
    (prop_oneof![begin, Just(String::new())], prop::collection::vec(crumb, 0..12))
        .prop_map(|(begin, crumbs)| (begin + &crumbs.concat()).into_bytes())
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_give_the_same(body in crumbs(), cut in 1..9_usize) {
        prop_assert_eq!(scan(&body, cut), scan(&body, usize::MAX));
    }

    #[test]
    fn a_forms_values_are_its_bytes_and_its_parts_do_not_overlap(body in crumbs()) {
        if let Ok(parts) = scan(&body, 3) {
            let mut end = 0;
            for part in parts {
                prop_assert!(part.is_whole && part.place.start > end);
                end = part.place.end;
                let place = usize::try_from(part.place.start).unwrap();
                let bytes = &body[place..usize::try_from(end).unwrap()];
                prop_assert!(part.is_file || part.value == bytes);
            }
        }
    }
}
