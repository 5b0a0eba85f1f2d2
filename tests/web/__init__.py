"""The console and the HTTP interface, as a browser and a program see them."""
