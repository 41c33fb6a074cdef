//! Forms whose fields do not fit together: the error names the value.
