"""Texts with variables: written once, in many languages, in versions that are approved, and rendered for a message.

The pure part, without I/O:

- `syntax`: the pattern of a text, read strictly into a tree;
- `values`, `variables`, `strings`: the types of variables, and what a value may hold;
- `formats`: numbers, dates, money and plurals of a language, by ICU;
- `languages`: tags, fallback and direction;
- `rendering`: a pattern, a language and values to a text, with the places of its values;
- `ready`: texts for one-time codes in many languages.
"""
