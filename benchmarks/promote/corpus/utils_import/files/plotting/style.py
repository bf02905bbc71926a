import matplotlib.pyplot as plt


def boxes(df, by, column):
    fig, ax = plt.subplots()
    df.boxplot(column=column, by=by, ax=ax)
    return fig
