//! Models by name: a run on one device goes on on another.

use bayes_core::checkpoint::Checkpoint;
use bayes_core::device::DeviceName;
use bayes_core::int8::Calibration;
use bayes_core::losses::cross_entropy_loss;
use bayes_core::optim::AdamConfig;
use bayes_core::prelude::Key;
use bayes_models::models::{
    Architecture, BayesModel, Drawing, Examples, Optimizer, Start, Step, Trainable,
};

const ROWS: usize = 6;
const LABELS: [usize; ROWS] = [0, 3, 9, 1, 3, 4];

/// A twin on a device, its optimiser, and the images that it learns.
struct Learning {
    twin: Box<dyn BayesModel>,
    adam: Optimizer,
    pixels: Vec<f32>,
}

impl Learning {
    fn new(device: DeviceName) -> Self {
        let net = Architecture::MlpDigits.plain_on(device, 3).expect("a net");
        let pixel = |i: usize| (i * 37 % 101) as f32 / 100.0;
        Self {
            twin: net.bayes(&Start::default()).expect("a twin"),
            adam: Optimizer::adam(AdamConfig::default()).expect("Adam"),
            pixels: (0..ROWS * 64).map(pixel).collect(),
        }
    }

    fn examples(&self) -> Examples<'_> {
        Examples::new(ROWS, &self.pixels).expect("examples")
    }

    /// A step of the run; gives the loss.
    fn step(&mut self, number: u64) -> f64 {
        let examples = Examples::new(ROWS, &self.pixels).expect("examples");
        let step = Step::new(5, number, 1e-3);
        let found = self.twin.gradients(examples, &step, &mut |outputs| {
            Ok(cross_entropy_loss(outputs, &LABELS)?)
        });
        self.twin.update(&mut self.adam).expect("an update");
        found.expect("gradients").total
    }

    fn outputs(&self) -> Vec<f32> {
        let outputs = self.twin.outputs(self.examples(), Key::new(1, 2));
        outputs.expect("outputs")
    }
}

fn assert_close(got: &[f32], want: &[f32], what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() <= 2e-3, "{what}: {got} {want}");
    }
}

#[test]
fn it_starts_alike_learns_alike_and_goes_on_elsewhere() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let mut host = Learning::new(DeviceName::Cpu);
    let first = host.outputs();
    let losses: Vec<f64> = (0..6).map(|step| host.step(step)).collect();
    for device in DeviceName::all() {
        let what = device.to_string();
        let mut there = Learning::new(device);
        assert_close(&there.outputs(), &first, &what);
        for (step, want) in losses[..3].iter().enumerate() {
            let loss = there.step(step as u64);
            assert!((loss - want).abs() < 2e-3 * want, "{what}: {loss} {want}");
        }
        // Half of the run there, half of it on the CPU.
        let saved = there
            .twin
            .save(file.path(), &Checkpoint::new(), Some(&there.adam));
        saved.expect("a checkpoint");
        let mut here = Learning::new(DeviceName::Cpu);
        let loaded = here.twin.load(file.path(), Some(&mut here.adam));
        loaded.expect("a checkpoint");
        assert_eq!(here.adam.steps(), 3);
        assert_close(&here.outputs(), &there.outputs(), &what);
        (3..6).for_each(|step| {
            here.step(step);
        });
        assert_close(&here.outputs(), &host.outputs(), &what);
        // And the other way round.
        let saved = here
            .twin
            .save(file.path(), &Checkpoint::new(), Some(&here.adam));
        saved.expect("a checkpoint");
        let loaded = there.twin.load(file.path(), Some(&mut there.adam));
        loaded.expect("a checkpoint");
        let (a, b) = (here.step(6), there.step(6));
        assert!((a - b).abs() < 2e-3 * a, "{what}: {a} {b}");
        assert_close(&there.outputs(), &here.outputs(), &what);
    }
}

#[test]
fn what_is_shared_and_what_is_in_integers_is_on_the_cpu() {
    for device in DeviceName::all() {
        let there = Learning::new(device);
        let shared = there.twin.on_cpu().expect("a copy");
        let examples = there.examples();
        let asked = std::thread::scope(|scope| {
            let asked = scope.spawn(|| shared.outputs(examples, Key::new(1, 2)));
            asked.join().expect("no panic")
        });
        assert_close(&asked.expect("outputs"), &there.outputs(), "a copy");
        let [direct, moved] =
            [there.twin.as_ref() as &dyn Trainable, shared.as_ref()].map(|twin| {
                let quant = twin.quantize(&Calibration::default(), &[examples]);
                let seen = quant
                    .expect("integers")
                    .classify(examples, &Drawing::default());
                seen.expect("a prediction").probabilities
            });
        assert_eq!(direct, moved);
    }
}
