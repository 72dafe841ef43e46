"""The context that every feature gets (`context`), and the base class of features (`feature`)."""
