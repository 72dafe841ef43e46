"""Known patterns of attack against honest traffic, played through the guards in virtual time.

- `world`: countries, numbers and the habits of honest users (data); `honest`: their visits;
- `patterns`: the attacks, each a stream of visits;
- `memory`: what the guards remember, in memory in place of tables;
- `playing`: plays visits through the guards; `runs`: whole runs; `figures`: what became of them.
"""
