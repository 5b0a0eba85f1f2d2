"""How receivers are told, one module or folder per protocol."""
