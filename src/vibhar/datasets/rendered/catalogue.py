"""The classes of each rendered dataset, and the motion of each class.

The names come from the real datasets; the motions are only similar. Some classes form pairs, in which one is the exact
time reversal of the other: single frames do not tell the two apart.
"""

from vibhar.datasets.rendered import actions
from vibhar.datasets.rendered.clip import Motion

RISE = Motion(actions.leap, (-0.6, 0.6, -0.1, 1.65), once=True)
SHOT = Motion(actions.shoot, (-0.4, 0.5, 0.0, 1.2), start=0.2)
SIT = Motion(actions.sit, (-0.35, 0.5, 0.0, 1.0), once=True)
THROW = Motion(actions.throw, (-0.4, 1.2, 0.0, 1.15), once=True)
WHIRL = Motion(actions.whirl, (-0.6, 0.6, 0.0, 1.35), start=0.2, mirrors=False)
APPROACH = Motion(actions.approach, (-0.45, 0.45, 0.0, 0.95), once=True)
RIDE = Motion(actions.ride, (-0.65, 0.65, 0.0, 1.15))

UCF11 = {
    "basketball": SHOT,
    "diving": RISE._replace(backwards=True),
    "swing": Motion(actions.swing, (-0.6, 0.75, 0.1, 1.3)),
    "trampoline_jumping": RISE,
    "volleyball_spiking": SHOT._replace(backwards=True),
    "walking": Motion(actions.walk_dog, (-0.35, 1.0, 0.0, 1.0)),
}
HMDB51 = {
    "catch": THROW._replace(backwards=True),
    "sit": SIT,
    "stand": SIT._replace(backwards=True),
    "throw": THROW,
    "wave": Motion(actions.wave, (-0.4, 0.4, 0.0, 1.15)),
}
UCF101 = {
    "BaseballPitch": THROW,
    "Biking": RIDE,
    "FrisbeeCatch": THROW._replace(backwards=True),
    "HammerThrow": WHIRL,
    "JugglingBalls": Motion(actions.juggle, (-0.35, 0.35, 0.0, 1.35)),
    "SkateBoarding": APPROACH._replace(backwards=True),
    "Surfing": APPROACH,
    "ThrowDiscus": WHIRL._replace(backwards=True),
}
