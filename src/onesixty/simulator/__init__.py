"""Simulated carriers: the network behind them, their handsets, and SMSCs that misbehave on purpose.

- `behaviour`: what a simulated network does with a message, as shares and delays, and the draw of one fate;
- `fixed`: numbers with a fixed fate;
- `networks`: invented operators by country;
- `handsets`: what arrived at each handset;
- `sandbox`: what all simulated carriers of a node share;
- `agenda`: what is due when, in batches, with one timer;
- `scenario`, `stage`: what happens when, as data, and what plays it;
- `virtual`: time that passes only while every task waits;
- `smsc`: an SMSC over SMPP, with named misbehaviours.

Nothing here is for real traffic. All chance comes from the `Random` handed in and all time from the event
loop and the `Clock` handed in, so that a seeded simulation repeats itself.
"""
