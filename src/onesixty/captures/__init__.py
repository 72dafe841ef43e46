"""Time-limited captures of SMPP traffic, on request.

- `captures`: the captures of this node, their links and files; `endpoints`: start, list, stop and download them;
- `pdus`: the PDUs in the file of a capture, found and paired; `pdu_endpoints`: the same for operators;
- `dissection`, `meanings`: a PDU field by field, and what the values mean;
- `feature`: all of it as a feature of a node.
"""
