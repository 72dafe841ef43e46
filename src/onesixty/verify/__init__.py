"""Verification of numbers and addresses by one-time codes.

- `formats`: the last line by which phones find the code by themselves, and what they will not read; `origin_bound`:
  such lines for web sites, as browsers read them; `retriever`: the hash of an Android app; `lint`: the text itself;
  `findings`: what they tell.
"""
