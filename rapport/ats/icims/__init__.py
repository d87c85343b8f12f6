"""iCIMS, as far as its public pages say how."""
