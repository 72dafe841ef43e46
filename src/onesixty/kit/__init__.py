"""What every feature of a node is given (`context`), and what every feature may have (`feature`)."""
