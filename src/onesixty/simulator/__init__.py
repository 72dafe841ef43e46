"""Simulated carriers: the network behind them, their handsets, and SMSCs that misbehave on purpose.

- `behaviour`: what a simulated network does with a message, as shares and delays, and the draw of one fate;
- `agenda`: what is due when, in batches, on the event loop's own time;
- `smsc`: an SMSC over SMPP, with named misbehaviours.

Nothing here is for real traffic. All chance comes from the `Random` handed in and all time from the event
loop and the `Clock` handed in, so that a seeded simulation repeats itself.
"""
