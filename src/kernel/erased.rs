//! Values whose types are forgotten on their way.
//!
//! Every operation has work of a type of its own, with a result of a type of its own. What carries
//! them to a connection and back would be compiled for each, and the work again at each place where it
//! can run: that was a third of the program. Carried like this, it is compiled once.

use std::any::Any;

use super::error::ApiError;

/// A value of a type that only its sender and its receiver know.
pub struct Erased(Box<dyn Any + Send>);

impl Erased {
    pub fn new<T: Send + 'static>(value: T) -> Self {
        Self(Box::new(value))
    }

    /// Returns the value.
    ///
    /// # Errors
    /// Internal, if it is of another type.
    pub fn take<T: 'static>(self) -> Result<T, ApiError> {
        let value = self.0.downcast().map(|value| *value);
        value.map_err(|_| ApiError::internal("a value came back with another type"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_as_what_it_was() {
        let text = Erased::new("가".to_owned());
        assert_eq!(text.take::<String>().unwrap(), "가");
        assert!(Erased::new(1_i32).take::<i64>().is_err());
    }
}
