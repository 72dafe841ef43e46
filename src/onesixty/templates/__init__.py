"""Texts with variables: written once, in many languages, in versions that are approved, and rendered for a message.

The pure part, without I/O:

- `syntax`: the pattern of a text, read strictly into a tree;
- `values`, `variables`, `strings`: the types of variables, and what a value may hold;
- `formats`: numbers, dates, money and plurals of a language, by ICU;
- `languages`: tags, fallback and direction;
- `rendering`: a pattern, a language and values to a text, with the places of its values;
- `ready`: texts for one-time codes in many languages.

The resource:

- `states`: the states of a version, as a table of moves;
- `tables`, `checks`, `service`: the rows, what is checked of them, and every change;
- `samples`, `previewing`: the shortest and the longest text, and what a preview shows;
- `registering`: the ids of registrations that carriers ask for and a text does not have;
- `sending`: the text of a message;
- `bodies`, `endpoints`, `feature`: the API, and all of it as a feature of a node.
"""
