//! Tests of reading YAML: scalars, spans, and texts made to hurt.

use super::*;

fn tree(text: &str) -> Result<Node, String> {
    let mut found = Diagnostics::new();
    let source = found.add_source("t", text);
    let node = parse(text, source, 0, &mut found);
    if found.is_empty() {
        Ok(node.expect("a tree or a problem"))
    } else {
        Err(found.to_string())
    }
}

fn value(text: &str) -> Value {
    tree(&format!("k: {text}"))
        .unwrap()
        .get("k")
        .unwrap()
        .value
        .clone()
}

#[test]
fn scalars_follow_the_core_schema_of_yaml_1_2() {
    assert_eq!(value("no"), Value::Text("no".into()));
    assert_eq!(value("on"), Value::Text("on".into()));
    assert_eq!(value("'7'"), Value::Text("7".into()));
    assert_eq!(value("-7"), Value::Integer(-7, "-7".into()));
    assert_eq!(value("0x1F"), Value::Integer(31, "0x1F".into()));
    assert_eq!(value("080"), Value::Integer(80, "080".into()));
    assert_eq!(value("1.5e3"), Value::Float(1500.0, "1.5e3".into()));
    assert_eq!(value("1e999"), Value::Text("1e999".into()));
    assert_eq!(value(".inf"), Value::Text(".inf".into()));
    assert_eq!(value("5m 30s"), Value::Text("5m 30s".into()));
    assert_eq!(
        value("2026-01-05T09:00:00Z"),
        Value::Text("2026-01-05T09:00:00Z".into())
    );
    assert_eq!(value("~"), Value::Null);
}

#[test]
fn json_is_read_as_it_is() {
    let node = tree("{\"a\": [1, true, null, \"x\\u00e9\"]}").unwrap();
    let items = node.get("a").unwrap().items().unwrap();
    assert_eq!(items[1].value, Value::Bool(true));
    assert_eq!(items[3].value, Value::Text("xé".into()));
}

#[test]
fn spans_point_at_the_bytes() {
    let text = "a: é\nlong: { b: 12 }\n";
    let node = tree(text).unwrap();
    let (key, long) = &node.entries().unwrap()[1];
    assert_eq!(&text[key.span.start..key.span.end], "long");
    assert_eq!(&text[long.span.start..long.span.end], "{ b: 12 }");
    let b = long.get("b").unwrap();
    assert_eq!(&text[b.span.start..b.span.end], "12");
}

#[test]
fn a_key_given_twice_is_a_problem() {
    assert!(
        tree("a: 1\nb: 2\na: 3\n")
            .unwrap_err()
            .contains("t:3:1: error[DS0106]")
    );
}

#[test]
fn exploding_aliases_are_stopped() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let alias = format!("*a{}", level - 1);
        let list = vec![alias; 9].join(", ");
        text += &[
            "a",
            &level.to_string(),
            ": &a",
            &level.to_string(),
            " [",
            &list,
            "]\n",
        ]
        .concat();
    }
    assert!(tree(&text).unwrap_err().contains("DS0108"));
}

#[test]
fn deep_nesting_is_stopped() {
    for text in [
        "[".repeat(100_000),
        "- ".repeat(5_000),
        "{a: ".repeat(500),
        "? ".repeat(999),
    ] {
        assert!(
            tree(&text).unwrap_err().contains("DS0107"),
            "{}",
            &text[..9]
        );
    }
    let deepest = format!("{}{}", "[".repeat(DEPTH_LIMIT), "]".repeat(DEPTH_LIMIT));
    assert!(tree(&deepest).is_ok());
}

#[test]
fn an_alias_repeats_its_value_and_may_not_hold_itself() {
    let node = tree("a: &x {b: 1}\nc: *x\n").unwrap();
    assert_eq!(node.get("c").unwrap().value, node.get("a").unwrap().value);
    assert!(tree("a: &x [*x]\n").unwrap_err().contains("DS0104"));
    assert!(tree("a: *nobody\n").unwrap_err().contains("DS0104"));
}

#[test]
fn tags_second_documents_and_broken_text_are_problems() {
    assert!(tree("a: !mine 1\n").unwrap_err().contains("DS0109"));
    assert!(tree("a: 1\n---\nb: 2\n").unwrap_err().contains("DS0109"));
    assert!(tree("[a]: 1\n").unwrap_err().contains("DS0109"));
    assert!(tree("a: [1\n").unwrap_err().contains("DS0104"));
    assert_eq!(
        tree("a: !!str 12\n").unwrap().get("a").unwrap().text(),
        Some("12")
    );
}
