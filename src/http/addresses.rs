//! Filters of the lists of secret addresses.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::query::Filter;
use crate::db::page::Order;

/// Sort orders of addresses; `-` for descending.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum AddressSort {
    #[serde(rename = "id")]
    Id,
    #[serde(rename = "-id")]
    IdDown,
}

/// Filters of addresses.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AddressFilter {
    /// Only those whose address is valid, or only those whose address is not.
    #[param(example = true)]
    pub active: Option<bool>,
    /// Sort order. Defaults to `-id`, the newest first.
    #[param(example = "-id")]
    pub sort: Option<AddressSort>,
}

impl Filter for AddressFilter {
    fn order(&self) -> Order {
        match self.sort.unwrap_or(AddressSort::IdDown) {
            AddressSort::Id => Order::ascending("addresses.id", "addresses.id"),
            AddressSort::IdDown => Order::descending("addresses.id", "addresses.id"),
        }
    }
}
