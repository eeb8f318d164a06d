//! Programs that must compile without a warning and run, each in a file of its own.
//!
//! They are modules of one test and not cases of `trybuild`, which would build every dependency once more for them.

#![deny(warnings)]

mod pass {
    mod attributes;
    mod cfg_on_fields;
    mod const_generics;
    mod containers;
    mod family;
    mod generic_loop;
    mod layer_parameters;
    mod module_form;
    mod names_of_the_language;
    mod names_that_generated_code_uses;
    mod nested;
    mod own_forward;
    mod own_layer;
    mod private_struct;
    mod quantized;
    mod renamed_crate;
    mod spec_form;
    mod tuple_structs;
    mod values;
    mod visibilities;
    mod within_a_macro;
}
