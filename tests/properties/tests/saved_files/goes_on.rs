//! What is restored goes on as the original would have.
