"""The parts of `trunkline-gateway`. Python of the distribution, standard library only."""
