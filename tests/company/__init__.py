"""The company: peers, duties, and how the store stands."""
