"""The demonstration: the product with a week of traffic in it, so that every page and every list shows something.

The traffic goes through the product's own API, on a node whose time is virtual. Its carriers are simulated, so
nothing leaves the machine. In the order in which one reads:

- `building`: makes the folder: a node in memory plays the weeks, and its database becomes a file;
- `week`: what happens when, and how time passes between two acts;
- `clock`: the virtual time and its event loop;
- `api`: calls the API of a node in this process;
- `cast`: who takes part: accounts with their keys, numbers, people;
- `hooks`: the receivers of webhooks;
- `scene`: what the parts of the running demonstration are given;
- `program`: a program of a customer that binds over SMPP and sends;
- `features`: what each feature adds, one file a feature;
- `running`: serves the folder, and lets traffic go on.
"""
