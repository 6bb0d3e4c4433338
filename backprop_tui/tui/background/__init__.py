"""Work beside the screen: jobs that may take long, and pictures that become finer."""
