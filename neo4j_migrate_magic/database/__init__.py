"""The one door to the driver; import from the modules, so that none loads early."""
