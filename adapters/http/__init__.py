"""HTTP as we ask it, of cameras and of receivers: ADRs 0091 and 0113."""
