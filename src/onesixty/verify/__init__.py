"""Verification of numbers and addresses by one-time codes.

- `codes`: alphabets, derived codes, digests, and how what a person typed is read; `binding`: what a verification is
  for;
- `verification`: its row, statuses and steps; `life`: how it changes, as pure functions;
- `profiles`: how the verifications of an application are made; `warned`: what they warn of; `tables`: the tables;
- `secrets`: seeds and codes under the instance secret; `covered`: texts whose code no row has;
- `replies`: texts of handsets that repeat a code;
- `formats`: the last line by which phones find the code by themselves, and what they will not read; `origin_bound`:
  such lines for web sites, as browsers read them; `retriever`: the hash of an Android app; `lint`: the text itself;
  `findings`: what they tell; `preview`: a text of a profile with all that;
- `texts`: the words, with a mask in the place of the code; `templated`: those of a template;
- `guarding`: the contract of those who judge sends; `guards`: those who do; `attacks`: known attacks against them, in
  virtual time;
- `languages`: in which language, and why;
- `told`: what a verification shows; `records`: reads and writes, with what follows from them; `listing`: lists;
- `sends`: one send; `mails`: those by email; `starting`, `checking`, `control`: what callers do;
- `sinks`: where checks of nothing are counted; `even`: when a check is answered;
- `effect`, `due`: what messages and time do; `counting`, `figures`: the figures;
- `bodies`, `queries`, `views`: bodies, queries and answers; `door`, `at_once`, `profile_endpoints`, `endpoints`: the
  routes;
- `feature`: all of it as a part of a node.
"""
