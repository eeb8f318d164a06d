//! Flags that were stated and that nothing listens to.

use super::{Flags, KlCourse, Method, OptimizerName, RateSchedule, Settings};

impl Flags {
    /// A sentence for each flag that changes nothing beside the other settings, and why. A file is not judged: one serves
    /// several methods.
    pub fn unheard(&self, settings: &Settings, images: bool) -> Vec<String> {
        let bayesian = settings.method == Method::Bayesian;
        let draws = bayesian || settings.drops();
        let step = settings.schedule == RateSchedule::Step;
        let of_bayesian = "`--method bayesian`";
        let of_draws = "`--method bayesian` and `mc-dropout`";
        let of_step = "`--schedule step`";
        let of_images = "images";
        let flags = [
            (
                "members",
                self.members.is_some(),
                settings.method == Method::Ensemble,
                "`--method ensemble`",
            ),
            (
                "target",
                self.target.is_some(),
                settings.data.starts_with("csv:"),
                "`--data csv:FILE`",
            ),
            (
                "delta",
                self.delta.is_some(),
                settings.moped.is_some(),
                "`--moped`",
            ),
            ("rho", self.rho.is_some(), bayesian, of_bayesian),
            ("beta", self.beta.is_some(), bayesian, of_bayesian),
            (
                "kl-schedule",
                self.kl_schedule.is_some(),
                bayesian,
                of_bayesian,
            ),
            (
                "kl-epochs",
                self.kl_epochs.is_some(),
                bayesian && settings.kl_schedule != KlCourse::Constant,
                "`--kl-schedule warm-up` and `cyclical`",
            ),
            (
                "train-samples",
                self.train_samples.is_some(),
                draws,
                of_draws,
            ),
            ("samples", self.samples.is_some(), draws, of_draws),
            (
                "avuc-epochs",
                self.avuc_epochs.is_some(),
                settings.avuc > 0.0,
                "`--avuc`",
            ),
            (
                "momentum",
                self.momentum.is_some(),
                settings.optimizer == OptimizerName::Sgd,
                "`--optimizer sgd`",
            ),
            ("step-epochs", self.step_epochs.is_some(), step, of_step),
            ("step-factor", self.step_factor.is_some(), step, of_step),
            ("crop", self.crop.is_some(), images, of_images),
            ("flip", self.flip.is_some(), images, of_images),
        ];
        let unheard = flags
            .into_iter()
            .filter(|(_, stated, heard, _)| *stated && !heard);
        unheard
            .map(|(name, .., of)| {
                format!("note: `--{name}` changes nothing here: it goes with {of}")
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_nothing_is_said() {
        let flags = Flags {
            beta: Some(0.5),
            momentum: Some(0.5),
            crop: Some(4),
            ..Flags::default()
        };
        let of = |settings: Settings, images| flags.unheard(&settings, images).join("\n");
        let plain = Settings {
            method: Method::Deterministic,
            ..Settings::default()
        };
        let said = of(plain, false);
        for part in ["`--beta`", "`--momentum`", "`--crop`", "goes with images"] {
            assert!(said.contains(part), "no `{part}` in: {said}");
        }
        let twin = Settings {
            optimizer: OptimizerName::Sgd,
            ..Settings::default()
        };
        assert_eq!(of(twin, true), "");
    }
}
