//! The key of a thumbnail: which arguments have equal keys and which have different ones.

use std::collections::HashSet;

use tokio::runtime;

fn key(image: &[u8], width: i32, height: Option<i32>, format: &str) -> String {
    runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime")
        .block_on(thumbnails::key(image, width, height, format))
}

#[test]
fn equal_requests_have_one_key() {
    let image = vec![7; 1_000_000];
    assert_eq!(
        key(&image, 200, None, "png"),
        key(&image.clone(), 200, None, "png")
    );
}

#[test]
fn whatever_changes_the_thumbnail_changes_the_key() {
    let mut last_byte_differs = vec![7; 1_000_000];
    *last_byte_differs.last_mut().expect("a byte") = 8;
    let keys: HashSet<String> = [
        key(&[7; 1_000_000], 200, None, "png"),
        key(&last_byte_differs, 200, None, "png"),
        key(&[7; 999_999], 200, None, "png"),
        key(&[], 200, None, "png"),
        key(&[7; 1_000_000], 20, None, "png"),
        key(&[7; 1_000_000], 200, Some(0), "png"),
        key(&[7; 1_000_000], 20, Some(0), "png"),
        key(&[7; 1_000_000], 200, None, "jpeg"),
    ]
    .into();
    assert_eq!(keys.len(), 8);
}
