"""Plain data that all sides share: how a run is controlled, launched and aimed."""
