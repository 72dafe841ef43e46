"""Guards: they judge each start of a verification before anything is sent.

- `catalogue`: the table of guards and thresholds, and what is assumed of countries (data); `reasons`: what a reason
  is made of; `limits`: what a profile says;
- `facts`: what is remembered, and by which keys; `memory`: what is needed of a store;
- `case`: one start with all that is remembered of it; `single`, `many`: the guards themselves; `score`: the
  sequential test; `judging`: all guards over one case; `verdict`: the answer, and what is written with it;
- `writes`, `rows`, `tables`: the same in the database;
- `service`: the guards as verifications use them;
- `bodies`, `endpoints`, `feature`: stops and trusted numbers over the API.
"""
