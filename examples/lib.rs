//! Programs of one page; each answers a question that a user has.
