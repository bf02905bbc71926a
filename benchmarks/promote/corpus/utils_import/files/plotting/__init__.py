from .style import boxes
