//! The fused plan in f32 is the model.

use crate::models::images;
use bayes_core::plan::{Form, Graph, Structure, Values, Wire};
use bayes_core::prelude::*;
use bayes_core::twin::Name;

#[test]
fn the_fused_plan_gives_what_the_layers_give() {
    let (twin, x) = images(-2.0, 5);
    let mut graph = Graph::default();
    let output = Structure::<f32>::trace(&twin, &Name::ROOT, &mut graph, Wire::INPUT).unwrap();
    let plan = graph.fuse(output);
    let input = Values {
        examples: 5,
        form: Form::grid(3, &[10, 9]).unwrap(),
        values: x.as_vec(),
    };
    for key in [Key::MEAN, Key::new(7, 0), Key::new(7, 3)] {
        let got = plan.run(key, input.clone(), |_, _, _| {}).unwrap().values;
        let want = twin.eval(key).forward(x.clone()).as_vec();
        let largest = want.iter().fold(0.0f32, |most, y| most.max(y.abs()));
        for (got, want) in got.iter().zip(&want) {
            assert!(
                (got - want).abs() <= 1e-5 * largest,
                "{key:?}: {got} {want}"
            );
        }
    }
    let names: Vec<&str> = plan.steps.iter().map(|step| step.name.as_str()).collect();
    let steps = [
        "conv.0",
        "block.0.0",
        "block.0.3",
        "strided.0.r.0",
        "strided.0.r.1",
        "strided.0.f.0",
        "dilated.0",
        "mean",
        "pool",
        "flatten",
        "fc1.0",
        "more.0.0",
        "more.1.0",
        "fc2",
    ];
    assert_eq!(names, steps);
    assert_eq!(plan.steps[0].fused, ["bias", "batch norm", "ReLU"]);
    assert_eq!(plan.steps[1].fused, ["batch norm", "fast GeLU"]);
    assert_eq!(plan.steps[2].fused, ["batch norm", "residual", "ReLU"]);
    assert_eq!(plan.steps[5].fused, ["batch norm", "residual", "tanh"]);
}
