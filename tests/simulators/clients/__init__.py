"""Other people's ONVIF clients, each driven as a program of its own: JSON lines come out."""
