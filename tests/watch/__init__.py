"""The watch over cameras, with scripted cameras on a pushed clock."""
