"""Traffic for measuring: HTTP and SMPP generators.

Made for the machine's own loopback and always bounded in count and time. `onesixty load` and the benchmark
are built from it. The carrier that goes with them is `simulator.smsc.fast`.
"""
