//! Tests of the documented complexities, in counted steps.
