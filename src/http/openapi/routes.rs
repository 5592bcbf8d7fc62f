//! The path patterns of the spec as a tree of their segments: the framework would compare a path with
//! every pattern in turn.

use std::collections::HashMap;
use std::str::Split;

/// The patterns that begin with the same segments.
#[derive(Default)]
pub(super) struct Routes {
    /// The pattern that ends here.
    whole: Option<String>,
    /// Those that go on with a segment of the pattern's own.
    fixed: HashMap<String, Routes>,
    /// Those that go on with a parameter, which is any text.
    any: Option<Box<Routes>>,
}

impl Routes {
    pub fn of<'a>(patterns: impl Iterator<Item = &'a str>) -> Self {
        let mut routes = Self::default();
        for pattern in patterns {
            let end = pattern.split('/').fold(&mut routes, Self::after);
            end.whole = Some(pattern.to_owned());
        }
        routes
    }

    fn after(&mut self, segment: &str) -> &mut Self {
        match segment.starts_with('{') {
            true => self.any.get_or_insert_default(),
            false => self.fixed.entry(segment.to_owned()).or_default(),
        }
    }

    /// Returns the pattern that a path matches; of several, the one with an own segment first.
    pub fn find(&self, path: &str) -> Option<&str> {
        self.find_rest(path.split('/'))
    }

    fn find_rest(&self, mut segments: Split<'_, char>) -> Option<&str> {
        let Some(segment) = segments.next() else {
            return self.whole.as_deref();
        };
        let fixed = self.fixed.get(segment);
        let any = || self.any.as_ref().filter(|_| !segment.is_empty());
        fixed
            .and_then(|routes| routes.find_rest(segments.clone()))
            .or_else(|| any()?.find_rest(segments.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_match_as_a_whole() {
        let patterns = ["/a", "/a/{id}", "/a/new", "/a/{id}/b", "/{kind}/{id}/c"];
        let routes = Routes::of(patterns.into_iter());
        for (path, found) in [
            ("/a", Some("/a")),
            ("/a/1", Some("/a/{id}")),
            ("/a/new", Some("/a/new")),
            ("/a/new/b", Some("/a/{id}/b")),
            ("/a/1/c", Some("/{kind}/{id}/c")),
            ("/a/", None),
            ("/a/1/", None),
            ("/A", None),
            ("a", None),
            ("", None),
            ("/", None),
            ("/a//b", None),
        ] {
            assert_eq!(routes.find(path), found, "{path}");
        }
    }
}
